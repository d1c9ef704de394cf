
# coding: utf-8

# # Taller 5: CNN

# In[1]:

get_ipython().magic('matplotlib inline')
get_ipython().magic(u'load_ext autoreload')
get_ipython().system(u'ls data')
archivos = get_ipython().getoutput('ls data')
import matplotlib.pyplot as plt
import keras
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Flatten, Dense


# In[2]:

get_ipython().run_cell_magic('bash', '', 'head -n 3 data/train.csv')


# In[14]:

model = Sequential()
model.add(Flatten(input_shape=(28, 28, 1)))
model.add(Dense(10, activation='softmax'))


# In[15]:

model = Sequential()
model.add(Conv2D(28, (3, 3), padding='same', activation='relu', input_shape=(28, 28, 1)))
model.add(Conv2D(28, (3, 3), activation='relu'))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(10, activation='softmax'))


# In[16]:

if __name__ == '__main__':
    get_ipython().magic('time history = model.fit(x_train, y_train, epochs=5)')
    plt.plot(history.history['loss'])
